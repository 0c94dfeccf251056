"""What is known of calls: the dial, the words, what was found in them, how they were judged."""

from __future__ import annotations

from leadloop.contract.shapes import Column, Table, list_phone_columns

OUTCOMES = (
    "invalid_number",
    "suspended",
    "power_off",
    "no_answer",
    "busy",
    "rejected",
    "network_fail",
    "machine",
    "abandoned",
    "human_short",
    "human_wrong_party",
    "human_refused",
    "human_dnc",
    "human_callback",
    "human_interested",
    "human_won",
    "human_other",
    "served",
    "phantom",
    "test",
    "other",
)
DIRECTIONS = ("outbound", "inbound", "internal")
DIAL_MODES = ("manual", "preview", "progressive", "predictive", "ai")
SPEAKERS = ("agent", "customer", "ivr", "bot", "unknown")
CHANNEL_MODES = ("mono", "stereo")
ANNOTATION_KINDS = (
    "intent",
    "objection",
    "emotion",
    "entity",
    "sensitive",
    "competitor",
    "slot",
    "segment",
)
REVIEW_SOURCES = ("rule", "model", "human")

CALL = Table(
    name="call",
    key=("source_system", "call_id"),
    event_column="originated_at",
    description="One row per call attempt, outbound or inbound.",
    columns=(
        Column("call_id", "text", "The source's id of the call.", required=True),
        Column("parent_call_id", "text", "Call that this leg belongs to."),
        Column("direction", "text", "Who started it.", True, DIRECTIONS),
        Column("dial_mode", "text", "How the number was dialled.", enum=DIAL_MODES),
        Column("attempt_no", "integer", "Which attempt to this lead, starting at 1."),
        Column("lead_id", "text", "Lead dialled.", pii="key"),
        Column("customer_id", "text", "Customer on the line.", pii="key"),
        Column("contact_id", "text", "Person on the line, where a CRM keeps several.", pii="key"),
        Column("campaign_id", "text", "Campaign of the dial."),
        Column("channel_id", "text", "Channel that the lead came from."),
        Column("list_id", "text", "Dial list."),
        Column("queue_id", "text", "Queue or service type."),
        Column("agent_id", "text", "Agent who handled it.", pii="agent"),
        *list_phone_columns(),
        Column("originated_at", "timestamp", "When the call was started."),
        Column("ring_at", "timestamp", "When it rang."),
        Column("queued_at", "timestamp", "When it entered a queue."),
        Column("answered_at", "timestamp", "When an agent or the called party answered."),
        Column("bridged_at", "timestamp", "When the answered call reached an agent."),
        Column("ended_at", "timestamp", "When it ended."),
        Column("ivr_s", "integer", "Seconds in the voice menu, as the source says (may be wrong)."),
        Column("queue_s", "integer", "Seconds waited in queue."),
        Column("ring_s", "integer", "Seconds of ringing."),
        Column("talk_s", "integer", "Seconds of talk."),
        Column("hold_s", "integer", "Seconds on hold."),
        Column("acw_s", "integer", "Seconds of after-call work."),
        Column("outcome", "text", "How it ended, in the ontology.", True, OUTCOMES),
        Column("outcome_raw", "text", "The source's own code.", pii="text"),
        Column(
            "tells_won", "boolean", "Whether the source's codes can say that a deal was made.", True
        ),
        Column("tells_human", "boolean", "Whether the codes tell a person from no answer.", True),
        Column("caller_number_id", "text", "Which of our numbers was shown."),
        Column("sip_code", "text", "Answer of the carrier, such as 486."),
        Column("q850_cause", "text", "Cause of release, such as 17."),
        Column("early_media", "text", "What the tone before the answer said, such as 空号."),
        Column("amd_result", "text", "What answering-machine detection said."),
        Column("transfer_to", "text", "Where the call was passed on; masked.", pii="text"),
        Column("hangup_by", "text", "Who hung up.", enum=("agent", "customer", "system")),
        Column("cost_amount", "number", "Cost of the call in the company's currency."),
        Column("recording_uri", "text", "Where the recording is.", pii="text"),
        Column("recording_encrypted", "boolean", "Whether the source keeps it encrypted."),
        Column(
            "custom", "text", "Further fields of the source, as a JSON object, masked.", pii="text"
        ),
    ),
)

TRANSCRIPT = Table(
    name="transcript",
    key=("source_system", "call_id", "version"),
    event_column=None,
    description="One row per transcript of a call: how its words were recognised.",
    columns=(
        Column("call_id", "text", "Call that was transcribed.", required=True),
        Column("version", "integer", "Version of the transcript, starting at 1.", required=True),
        Column("asr_engine", "text", "What recognised the words."),
        Column("language", "text", "Language of the words, such as zh."),
        Column("channel_mode", "text", "Whether each side has a channel.", enum=CHANNEL_MODES),
        Column("wer_est", "number", "Share of wrong words, as the recogniser estimates it."),
        Column("redaction_version", "text", "What masked the words before they came here."),
        Column("role_confidence", "number", "How sure the roles of the speakers are, 0 to 1."),
    ),
)

UTTERANCE = Table(
    name="utterance",
    key=("source_system", "call_id", "version", "seq"),
    event_column="spoken_at",
    description="One row per turn of a transcript; text is masked.",
    columns=(
        Column("call_id", "text", "Call or dialogue the turn belongs to.", required=True),
        Column("version", "integer", "Version of the transcript, starting at 1.", required=True),
        Column("seq", "integer", "Position in the dialogue, starting at 1.", required=True),
        Column("speaker_role", "text", "Who speaks.", True, SPEAKERS),
        Column("begin_ms", "integer", "Start within the call, milliseconds."),
        Column("end_ms", "integer", "End within the call, milliseconds."),
        Column(
            "text_masked",
            "text",
            "What was said, with personal data masked.",
            required=True,
            pii="text",
        ),
        Column("asr_conf", "number", "Confidence of the recogniser, 0 to 1."),
        Column("spoken_at", "timestamp", "Start of the call, where the source says it."),
    ),
)

ANNOTATION = Table(
    name="annotation",
    key=("source_system", "call_id", "seq", "annotator", "annotator_version", "label"),
    event_column="annotated_at",
    description="One row per label that a person or another system put on an utterance.",
    columns=(
        Column("call_id", "text", "Call that was annotated.", required=True),
        Column("seq", "integer", "Utterance in it; 0 for the whole call.", required=True),
        Column("annotator", "text", "Who or what annotated.", required=True, pii="agent"),
        Column("annotator_version", "text", "Version of it; 1 for people.", required=True),
        Column("label", "text", "What was found, such as price.", required=True),
        Column("kind", "text", "What kind of label it is.", True, ANNOTATION_KINDS),
        Column("score", "number", "How sure the annotator is, or how strong it is."),
        Column("span_begin", "integer", "First character of the evidence."),
        Column("span_end", "integer", "Character after the evidence."),
        Column("evidence", "text", "The words it goes by; masked.", pii="text"),
        Column("is_human", "boolean", "Whether a person annotated."),
        Column("annotated_at", "timestamp", "When it was annotated."),
    ),
)

QA_QUESTION = Table(
    name="qa_question",
    key=("source_system", "question_id", "revision"),
    event_column=None,
    description="One row per revision of a question that calls are judged by.",
    columns=(
        Column("question_id", "text", "The source's id of the question.", required=True),
        Column("revision", "integer", "Revision of the form, starting at 1.", required=True),
        Column("form_id", "text", "Form that it belongs to."),
        Column("question", "text", "The question in words."),
        Column("weight", "number", "Part of the form's score, 0 to 1."),
    ),
)

QA_RESULT = Table(
    name="qa_result",
    key=("source_system", "call_id", "question_id", "revision", "source"),
    event_column="reviewed_at",
    description="One row per answer to a question about a call.",
    columns=(
        Column("call_id", "text", "Call that was judged.", required=True),
        Column("question_id", "text", "Question that was answered.", required=True),
        Column("revision", "integer", "Revision of the form.", required=True),
        Column("source", "text", "What answered it.", True, REVIEW_SOURCES),
        Column("answer", "text", "The answer in words; masked.", pii="text"),
        Column("earned", "number", "Points earned."),
        Column("potential", "number", "Points that could be earned."),
        Column("is_not_applicable", "boolean", "Whether the question does not fit the call."),
        Column("reviewer_id", "text", "Who judged.", pii="agent"),
        Column("reviewed_at", "timestamp", "When it was judged."),
        Column("dispute_state", "text", "Where a dispute stands."),
        Column("resolved_at", "timestamp", "When a dispute was settled."),
    ),
)

CALL_TABLES = (CALL, TRANSCRIPT, UTTERANCE, ANNOTATION, QA_QUESTION, QA_RESULT)
