"""What people read: names, days, times, amounts, reasons, in the unit's language."""
