"""Rules over reports: expression, plan, verdict, reference."""
