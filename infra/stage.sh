# Sourced by infra/publish and infra/deploy. Takes their arguments, STAGE [PARAMETER=VALUE ...], and sets
#
#   stage, parameters    the parameters of samconfig.toml, the given ones, and the revision that is checked out
#   docket               the docket command that DOCKET names, or one that is built now
#   manifest_bucket      prints the name of the stage's manifest bucket, or nothing before the first deployment
stage=${1:-dev}
shift || true

section="[$stage.deploy.parameters]"
configured=$(awk -F'"' -v section="$section" \
  '/^\[/ { here = $0 == section } here && /^parameter_overrides/ { print $2 }' samconfig.toml)
[ -n "$configured" ] || { echo "samconfig.toml has no stage $stage" >&2; exit 2; }
read -ra parameters <<<"$configured"
parameters+=("$@" "SourceRevision=$(git rev-parse HEAD)")

eval "$(aws configure export-credentials --format env)"
export AWS_REGION=${AWS_REGION:-$(aws configure get region)}

docket=${DOCKET:-target/release/docket}
[ -n "${DOCKET:-}" ] || cargo build --locked --release -p docket

manifest_bucket() {
  aws cloudformation describe-stacks --stack-name "docket-$stage" --output text \
    --query "Stacks[0].Outputs[?OutputKey=='ManifestBucketName'].OutputValue" 2>/dev/null || true
}

# publish BUCKET OPTION ...
publish() {
  "$docket" manifest --stack "docket-$stage" "${parameters[@]/#/--parameter=}" --publish "$@"
}
