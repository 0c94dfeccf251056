-- Grain: one row per (action_id, stage, verdict, rule_id, source).
with

source as (

    select * from {{ source('operations', 'proofs') }}

),

renamed as (

    select
        action_id,
        stage,
        verdict,
        rule_id as compliance_rule_id,
        source as rule_source,
        proof_count
    from source

)

select * from renamed
