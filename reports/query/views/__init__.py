"""
Each view answers one kind of question with the columns that the person who asks it needs next.
"""
