"""What happens at a site whatever a controller does: load, sun, prices, plug-ins, and what was forecast of them."""
