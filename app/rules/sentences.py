"""The sentences in which the rules of eligibility answer, with blanks for their numbers."""

from app.rules.words import Words

MAY_APPLY = Words("您符合条件，可以办理。", "You may apply.")
COUNTDOWN = Words(
    "距本次登记截止日期还有 {days}天，请您及时填写登记申请表。",
    "Days left until this registration closes: {days}. Please fill in your application in time.",
)
ALWAYS_OPEN = Words("{kind}全年受理。", "{kind} is open all year round.")
NO_WINDOW = Words(
    "不在登记时间内：{kind}工作另行通知，目前尚未开放。",
    "Outside the registration time: {kind} will be announced by a separate notice.",
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
YEAR_OTHER = Words(
    "您于{year}年通过考试；本次登记面向{years}年通过考试的人员。",
    "You passed the examination in {year}; this registration is for those who passed in {years}.",
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

IN_FORCE = Words("本政策现行有效。", "This policy is in force.")
NOT_YET_IN_FORCE = Words(
    "{title}的政策自{first}起施行，{on}尚未生效。",
    "{title}: this policy takes effect on {first}; on {on} it is not in force yet.",
)
NO_LONGER_IN_FORCE = Words(
    "{title}的政策施行至{last}，{on}已经失效。",
    "{title}: this policy was in force until {last}; on {on} it no longer is.",
)
WAIVED = Words("本次登记不受此项限制。", "This registration waives this limit.")
YEAR_OR_EARLIER = Words("{year}年及以前", "{year} or earlier")
NO_REGION = Words("没有您的服务地域。", "Your region of service is not on record.")
NOT_REGISTERED = Words(
    "没有您以前的登记记录；本登记面向已办理过登记的人员。",
    "No earlier registration of yours is on record; this is for those who were registered before.",
)
LAST_YEAR = Words("您最近一次登记于{year}年。", "Your last registration was in {year}.")
VALID_UNTIL = Words("您的登记证书有效期至{until}。", "Your certificate is valid until {until}.")
EXPIRED = Words(
    "您的登记证书有效期已于{until}届满，请办理再登记。",
    "Your certificate expired on {until}; please apply for renewal.",
)
NO_EXPIRY = Words(
    "没有您登记证书的有效期，请先补充登记记录。",
    "The validity of your certificate is not on record; please add your earlier registration.",
)
TURN_NOW = Words("您应于{year}年办理再登记。", "Your renewal is due in {year}.")
TURN_LATER = Words(
    "您下一次登记在{due}年，今年（{year}年）不需要办理。",
    "Your next registration is due in {due}; there is nothing to do in {year}.",
)
TURN_MISSED = Words(
    "您应于{due}年登记而没有登记，请办理补登记（{turns}年）。",
    "You should have registered in {due} and did not; please apply for late renewal ({turns}).",
)
TOO_EARLY = Words(
    "您的登记证书有效期至{until}，最早可于{first}办理，今天是{on}。",
    "Your certificate is valid until {until}; you may renew from {first} on, and today is {on}.",
)
SOON_OVER = Words(
    "您的登记证书有效期至{until}，自{first}起可以办理。",
    "Your certificate is valid until {until}; renewal is open to you since {first}.",
)
OVER = Words(
    "您的登记证书有效期已于{until}届满，请尽快办理。",
    "Your certificate expired on {until}; please renew it soon.",
)
YEAR_AFTER = Words(
    "您的登记证书有效期至{until}，请在{first}至{last}办理。",
    "Your certificate was valid until {until}; renew it between {first} and {last}.",
)
AFTER_EXPIRY_ONLY = Words(
    "您的登记证书有效期至{until}，办理时间为{first}至{last}，今天是{on}。",
    "Your certificate is valid until {until}; renewal is from {first} to {last}, "
    "and today is {on}.",
)
NEVER_AND_PASSED = Words(
    "您于{of}年通过考试，从未登记，可以办理。",
    "You passed the examination in {of} and were never registered.",
)
PASSED_TOO_RECENTLY = Words(
    "您于{of}年通过考试；本登记面向{year}年及以前通过考试而从未登记的人员，请办理首次登记。",
    "You passed the examination in {of}; this is for those who passed in {year} or earlier and "
    "were never registered. Please apply for first registration.",
)
LOST = Words("您的登记证书已经遗失，可以补证。", "Your certificate is lost and can be replaced.")
LOST_TO_DECLARE = Words(
    "登记证书遗失的，可以申请补证。", "If your certificate is lost, you may apply."
)
NOT_LOST = Words(
    "您已登记，证书没有遗失，不需要补证。",
    "You are registered and your certificate is not lost, so there is nothing to replace.",
)
LOST_BUT_OVERDUE = Words(
    "您应于{year}年登记而没有登记，请先办理补登记；证书遗失的，在补登记中说明。",
    "You should have registered in {year}. Please apply for late renewal and say there that the "
    "certificate is lost.",
)
ISSUED_HERE = Words(
    "您已持有本系统的电子登记证书{number}，不需要办理。",
    "You already hold electronic certificate {number} of this portal.",
)
NOT_ISSUED_HERE = Words(
    "您还没有本系统的电子登记证书。", "This portal has not issued a certificate to you yet."
)
REVOKED = Words(
    "您的登记证书{number}已被撤销，请联系登记机构。",
    "Your certificate {number} has been revoked. Please contact the registration office.",
)
CANCELLED = Words(
    "您的登记证书{number}已注销，请联系登记机构。",
    "Your certificate {number} has been cancelled. Please contact the registration office.",
)
NOT_REVOKED = Words(
    "您的登记证书没有被撤销或注销。", "Your certificate was neither revoked nor cancelled."
)
HIGHER = Words(
    "您已取得{level}证书，高于登记的级别（{had}）。",
    "You hold the qualification of {level}, above the registered level ({had}).",
)
NOT_HIGHER = Words(
    "您的级别（{level}）不高于已登记的级别（{had}）。",
    "Your level ({level}) is not above the registered one ({had}).",
)
SHORT_BY = Words(
    "{cycle}年登记（{first}至{last}）已有{hours}学时，还差{short}学时",
    "for {cycle} ({first} to {last}) you have {hours} and are {short} short",
)
HOURS_MET = Words(
    "继续教育学时已满足：要求{need}学时，已有{hours}学时。",
    "You have enough hours of continuing education: {need} are needed, {hours} are on record.",
)
HOURS_PROVED = Words(
    "已上传继续教育证明，由审核人员认定学时（要求{need}学时）。",
    "A proof of continuing education is attached; the reviewer decides on its hours "
    "({need} are needed).",
)
HOURS_TO_PROVE = Words(
    "每次登记要求{need}学时：{each}。不足的，请在申请时上传继续教育证明。",
    "Each registration needs {need} hours: {each}. Attach a proof for what is missing.",
)
HOURS_SHORT = Words(
    "每次登记要求{need}学时：{each}。请完成学时，或上传该登记周期的继续教育证明。",
    "Each registration needs {need} hours: {each}. Earn them, or attach a proof for that turn.",
)
HOURS_UNPROVED = Words(
    "每次登记要求{need}学时，已认定的学时不足：{each}。",
    "Each registration needs {need} accepted hours: {each}.",
)
PROOF_THERE = Words("已上传继续教育证明。", "A proof of continuing education is attached.")
HOURS_THERE = Words(
    "系统中有您的继续教育学时记录。", "Hours of continuing education are on record."
)
PROOF_TO_COME = Words(
    "申请时请上传继续教育证明。", "Attach a proof of continuing education to the application."
)
NO_PROOF = Words(
    "没有继续教育学时记录，请上传继续教育证明。",
    "No hours of continuing education are on record; please attach a proof.",
)
