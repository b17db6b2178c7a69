"""Chromium as Debian packages it, for tests and measurements in a browser."""

import shutil

from playwright.sync_api import Browser, Playwright

# Parts of the window around a page, which cost most of a second for each new one. The driver's own list gives way to
# this one, so what of it matters here stands here too.
_OFF = (
    "WebUIOmniboxPopup", "WebUIOmniboxAimPopup", "WebUIOmniboxFullPopup", "AimEnabled", "AcceptCHFrame",
    "AvoidUnnecessaryBeforeUnloadCheckSync", "DestroyProfileOnBrowserClose", "DialMediaRouteProvider",
    "GlobalMediaControls", "HttpsUpgrades", "HttpsFirstBalancedModeAutoEnable", "LensOverlay", "MediaRouter",
    "PaintHolding", "ThirdPartyStoragePartitioning", "Translate", "OptimizationHints", "NetworkTimeServiceQuerying",
    "PreconnectToSearch",
)  # fmt: skip
_NAMES = ("chromium", "chromium-browser", "google-chrome")


def chromium_program() -> str | None:
    """Where it is installed, if it is."""
    return next((found for name in _NAMES if (found := shutil.which(name))), None)


def chromium_launch(playwright: Playwright) -> Browser:
    """Start it. It has no sandbox, as tests may run as root."""
    return playwright.chromium.launch(
        executable_path=chromium_program(), args=["--no-sandbox", f"--disable-features={','.join(_OFF)}"]
    )
