from monitoring.models.alerts import Alert
from monitoring.models.monitors import Monitor, MonitorRun
from monitoring.models.plans import PlanReview, PostMarketPlan

__all__ = ["Alert", "Monitor", "MonitorRun", "PlanReview", "PostMarketPlan"]
