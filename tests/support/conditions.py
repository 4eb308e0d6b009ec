"""The table of conditions (X-40): one file, read by the tests of Python and of the browser."""

import json
from pathlib import Path
from typing import Any

TABLE: list[dict[str, Any]] = json.loads(
    (Path(__file__).with_name("conditions.json")).read_text("utf-8")
)
ROWS = [(form, case) for form in TABLE for case in form["cases"]]
"""Every form with each of its fillings."""
IDS = [f"{form['name']}: {case['values']}" for form, case in ROWS]
