"""From one period to the next: link key results to the store's, import them, close, carry."""
