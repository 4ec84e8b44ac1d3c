"""Work orders 整改工单: what a check-up found failing, who mends it until when, and what it cost the fund."""
