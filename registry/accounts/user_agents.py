"""Names of browsers and operating systems, read from the `User-Agent` header (RFC 9110, 10.1.5)."""

from __future__ import annotations

# Order matters: the header of each also contains the tokens of those below it.
BROWSERS = (
    ("MicroMessenger/", "WeChat"),
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("QQBrowser/", "QQ Browser"),
    ("UCBrowser/", "UC Browser"),
    ("HuaweiBrowser/", "Huawei Browser"),
    ("SamsungBrowser/", "Samsung Internet"),
    ("Firefox/", "Firefox"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
    ("curl/", "curl"),
)
SYSTEMS = (
    ("HarmonyOS", "HarmonyOS"),
    ("Android", "Android"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Windows", "Windows"),
    ("Mac OS X", "macOS"),
    ("Linux", "Linux"),
)


def browser_name(user_agent: str) -> str:
    """Return browser and system, such as `Firefox · Windows`; "" if unknown.

    A hint for the owner of a session; nothing may depend on it.
    """
    matches = [
        next((name for token, name in names if token in user_agent), "") for names in (BROWSERS, SYSTEMS)
    ]
    return " · ".join(filter(None, matches))
