"""Prices and forecasts coming in. These drivers read what others publish; they touch and decide nothing."""
