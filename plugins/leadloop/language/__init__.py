"""What calls say: normalise, cut, look for words, name the intent, weigh the feeling.

`scoring` is the door: `score_batch` over Arrow, `annotate_day` for the daily cycle. The pieces
(`normalize`, `tokenizer`, `wordlists`, `intents`, `classifier`, `sentiment`) are held together by
`engine`; `training` fits the classifier. Words and intents are in config/lexicons and
config/intents.yml, the sentences that the classifier learns from in data/.
"""
