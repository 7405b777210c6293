"""ID card readers that speak the SDT / SAM_V protocol."""
