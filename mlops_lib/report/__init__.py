"""Any noun as something to take home: a model card, the code that made it."""
