"""The sentences in which the rules of eligibility answer, with blanks for their numbers."""

from app.rules.words import Words

MAY_APPLY = Words("您符合条件，可以办理。", "You may apply.")
COUNTDOWN = Words(
    "距本次登记截止日期还有 {days}天，请您及时填写登记申请表。",
    "Days left until this registration closes: {days}. Please fill in your application in time.",
)
BY_NOTICE = Words(
    "{kind}工作另行通知，目前尚未开放。",
    "{kind} is not open yet: it will be announced by a separate notice.",
)
ALWAYS_OPEN = Words("{kind}全年受理。", "{kind} is open all year round.")
NO_WINDOW = Words(
    "不在登记时间内：目前没有{kind}的登记批次。",
    "Outside the registration time: there is no window for {kind} at present.",
)
IN_WINDOW = Words(
    "{kind}的登记时间为{first}至{last}，今天（{on}）可以办理。",
    "{kind} is open from {first} to {last}; today ({on}) is inside.",
)
OUTSIDE_WINDOW = Words(
    "不在登记时间内：{kind}的登记时间为{first}至{last}，今天是{on}。",
    "Outside the registration time: {kind} is open from {first} to {last}, and today is {on}.",
)
NO_EXAM_YEAR = Words(
    "没有您通过全国社会工作者职业水平考试的年度。",
    "The year in which you passed the national examination is not on record.",
)
YEAR_MET = Words(
    "您于{year}年通过考试，符合本次登记的要求（{years}年）。",
    "You passed the examination in {year}, as this registration asks ({years}).",
)
YEAR_TOO_LATE = Words(
    "您于{year}年通过考试；本次登记面向{years}年通过考试的人员，暂不受理。",
    "You passed the examination in {year}; this registration is for those who passed in {years} "
    "and cannot take you yet.",
)
YEAR_OVERDUE = Words(
    "您于{year}年通过考试；本次登记面向{years}年通过考试的人员，您的登记期限已过（逾期）。",
    "You passed the examination in {year}; this registration is for those who passed in {years}, "
    "so your time to register is over.",
)
YEAR_AWAITS_ROUTE = Words(
    "您于{year}年通过考试；本次登记面向{years}年通过考试的人员，请待{route}通知。",
    "You passed the examination in {year}; this registration is for those who passed in {years}. "
    "Please wait for the notice on {route}.",
)
YEAR_HAS_ROUTE = Words(
    "您于{year}年通过考试；本次登记面向{years}年通过考试的人员，请办理{route}。",
    "You passed the examination in {year}; this registration is for those who passed in {years}. "
    "Please apply for {route}.",
)
NO_CERTIFICATE = Words(
    "没有您的职业水平证书管理号，取得职业水平证书后方可申请。",
    "There is no management number of a qualification certificate on record; "
    "you can apply once you hold the certificate.",
)
NOT_YET_IN_HAND = Words(
    "您的职业水平证书批准日期为{since}，取得证书后方可申请。",
    "Your qualification certificate is dated {since}; you can apply once you hold it.",
)
IN_HAND = Words("您已取得职业水平证书。", "You hold the qualification certificate.")
REGISTERED = Words(
    "您已于{year}年办理过登记；本登记只受理从未登记的人员。",
    "You were registered in {year}; this registration is for those who never were.",
)
HAS_CERTIFICATE = Words(
    "您已持有登记证书{number}（有效期至{until}）；本登记只受理从未登记的人员。",
    "You hold registration certificate {number}, valid until {until}; "
    "this registration is for those who were never registered.",
)
NEVER_REGISTERED = Words("您从未办理过登记。", "You have never been registered.")
NO_LEVEL = Words("没有您的职业水平证书级别。", "The level of your qualification is not on record.")
LEVEL_MET = Words(
    "您的级别是{level}，符合本次登记的要求。", "Your level is {level}, as this registration asks."
)
LEVEL_REFUSED = Words(
    "您的级别是{level}；本次登记的级别为：{levels}。",
    "Your level is {level}; this registration is for: {levels}.",
)
REGION_MET = Words("您的服务地域在{region}。", "Your region of service is in {region}.")
REGION_REFUSED = Words(
    "您的服务地域（{code}）不在{region}，不能在此办理。",
    "Your region of service ({code}) is not in {region}, so you cannot apply here.",
)
ONE_IN_FLIGHT = Words(
    "已有正在审核流程中的申报，无法再次提交申请",
    "You already have an application under review and cannot submit another.",
)
NONE_IN_FLIGHT = Words("您没有正在审核流程中的申报。", "You have no application under review.")
NO_BIRTH_DATE = Words("没有您的出生日期。", "Your date of birth is not on record.")
ADULT = Words("您已年满{age}周岁。", "You are {age} years old or more.")
MINOR = Words("您现年{reached}周岁，未满{age}周岁。", "You are {reached} years old, not yet {age}.")
IDENTIFIED = Words("您已完成实名认证。", "Your identity has been verified.")
NOT_IDENTIFIED = Words("请先完成实名认证。", "Please have your identity verified first.")
