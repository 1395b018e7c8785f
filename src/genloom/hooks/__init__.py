"""What happens around a run: checks before it, tracking during it, the leaderboard after it."""

from genloom.hooks.checks import CheckHooks
from genloom.hooks.closing import ClosingHooks
from genloom.hooks.tracking import TrackingHooks

# Kedro calls the last registered first: the checks come before anything is tracked.
HOOKS = (ClosingHooks(), TrackingHooks(), CheckHooks())
