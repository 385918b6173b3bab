_outdialctl() {
  local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]}
  local noun='' verb='' words='' values='' i
  for ((i = 1; i < COMP_CWORD; i++)); do
    case ${COMP_WORDS[i]} in
      --server|--output|--timeout|--tls-ca|--tls-cert|--tls-key|--tls-server-name|--token-file) ((i++)) ;;
      -*) ;;
      *)
        if [[ -z $noun ]]; then noun=${COMP_WORDS[i]}
        elif [[ -z $verb ]]; then verb=${COMP_WORDS[i]}; fi
        ;;
    esac
  done
  case "$noun $verb $prev" in
    'campaign create --status') values='stop start pause stopping starting pausing stopping-forced' ;;
    'campaign create --sc-mode') values='off on' ;;
    'campaign update --status') values='stop start pause stopping starting pausing stopping-forced' ;;
    'campaign update --sc-mode') values='off on' ;;
    'campaign update --clear') values='name detail status plan dlma dest next-campaign zone max-calls calls-per-second sc-mode sc-time-start sc-time-end sc-date-start sc-date-end sc-date-list sc-date-list-except sc-day-list' ;;
    'plan create --dial-mode') values='none predictive preview power robo redirect progressive' ;;
    'plan create --dl-end-handle') values='keep-running stop' ;;
    'plan create --pacing') values='formula statistical' ;;
    'plan update --dial-mode') values='none predictive preview power robo redirect progressive' ;;
    'plan update --dl-end-handle') values='keep-running stop' ;;
    'plan update --pacing') values='formula statistical' ;;
    'plan update --clear') values='name detail dial-mode uui-field dial-timeout caller-id dl-end-handle retry-delay trunk-name tech-name service-level max-retry variables power-ratio abandon-after abandon-target max-call-length pacing retry-rules' ;;
    'dlma update --clear') values='name detail variables' ;;
    'dl create --outcome') values='none handled abandoned machine no-answer busy rejected invalid-number network-failure not-sent stopped destination-failed unknown' ;;
    'dl create --res-dial') values='failed timeout answered busy congestion' ;;
    'dl update --clear') values='name detail ukey udata number email variables priority not-before' ;;
    'dl show --status') values='idle dialing reserved' ;;
    'dl show --outcome') values='none handled abandoned machine no-answer busy rejected invalid-number network-failure not-sent stopped destination-failed unknown' ;;
    'dl show --finished') values='yes no' ;;
    'dl import --format') values='csv jsonl' ;;
    'dl import --duplicates') values='allow refuse merge' ;;
    'dl import --duplicate-key') values='ukey number' ;;
    'dl export --status') values='idle dialing reserved' ;;
    'dl export --outcome') values='none handled abandoned machine no-answer busy rejected invalid-number network-failure not-sent stopped destination-failed unknown' ;;
    'dl export --finished') values='yes no' ;;
    'dl export --format') values='csv jsonl' ;;
    'destination create --type') values='exten application' ;;
    'destination update --type') values='exten application' ;;
    'destination update --clear') values='name detail type exten context priority application data variables agent-queue max-calls' ;;
    'result show --outcome') values='none handled abandoned machine no-answer busy rejected invalid-number network-failure not-sent stopped destination-failed unknown' ;;
    'result export --outcome') values='none handled abandoned machine no-answer busy rejected invalid-number network-failure not-sent stopped destination-failed unknown' ;;
    'result export --format') values='csv jsonl' ;;
    'event follow --kind') values='out-campaign-create out-campaign-update out-campaign-delete out-plan-create out-plan-update out-plan-delete out-dlma-create out-dlma-update out-dlma-delete out-dl-list-create out-dl-list-update out-dl-list-delete out-dl-list-import out-destination-create out-destination-update out-destination-delete out-dialing-create out-dialing-update out-dialing-delete out-node-reconcile' ;;
    'event export --kind') values='out-campaign-create out-campaign-update out-campaign-delete out-plan-create out-plan-update out-plan-delete out-dlma-create out-dlma-update out-dlma-delete out-dl-list-create out-dl-list-update out-dl-list-delete out-dl-list-import out-destination-create out-destination-update out-destination-delete out-dialing-create out-dialing-update out-dialing-delete out-node-reconcile' ;;
    'event export --format') values='csv jsonl' ;;
    *' --output') values='text json jsonl' ;;
  esac
  case "$noun $verb" in
    ' ') words='campaign plan dlma dl destination dialing result node event backup top completion' ;;
    'campaign ') words='create update delete show stat start stop pause force-stop' ;;
    'plan ') words='create update delete show' ;;
    'dlma ') words='create update delete show' ;;
    'dl ') words='create update delete show import export' ;;
    'destination ') words='create update delete show' ;;
    'dialing ') words='show summary' ;;
    'result ') words='show export' ;;
    'node ') words='show' ;;
    'event ') words='follow export' ;;
    'backup ') words='create' ;;
    'campaign create') words='--name --detail --status --plan --dlma --dest --next-campaign --zone --max-calls --calls-per-second --sc-mode --sc-time-start --sc-time-end --sc-date-start --sc-date-end --sc-date-list --sc-date-list-except --sc-day-list --request-id' ;;
    'campaign update') words='--name --detail --status --plan --dlma --dest --next-campaign --zone --max-calls --calls-per-second --sc-mode --sc-time-start --sc-time-end --sc-date-start --sc-date-end --sc-date-list --sc-date-list-except --sc-day-list --clear --expected-revision' ;;
    'campaign delete') words='--expected-revision' ;;
    'campaign show') words='' ;;
    'campaign stat') words='' ;;
    'campaign start') words='--wait' ;;
    'campaign stop') words='--wait' ;;
    'campaign pause') words='--wait' ;;
    'campaign force-stop') words='--wait' ;;
    'plan create') words='--name --detail --dial-mode --uui-field --dial-timeout --caller-id --dl-end-handle --retry-delay --trunk-name --tech-name --service-level --max-retry1 --max-retry2 --max-retry3 --max-retry4 --max-retry5 --max-retry6 --max-retry7 --max-retry8 --variable --power-ratio --abandon-after --abandon-target --max-call-length --pacing --retry-rules --request-id' ;;
    'plan update') words='--name --detail --dial-mode --uui-field --dial-timeout --caller-id --dl-end-handle --retry-delay --trunk-name --tech-name --service-level --max-retry1 --max-retry2 --max-retry3 --max-retry4 --max-retry5 --max-retry6 --max-retry7 --max-retry8 --variable --power-ratio --abandon-after --abandon-target --max-call-length --pacing --retry-rules --clear --expected-revision' ;;
    'plan delete') words='--expected-revision' ;;
    'plan show') words='' ;;
    'dlma create') words='--name --detail --variable --request-id' ;;
    'dlma update') words='--name --detail --variable --clear --expected-revision' ;;
    'dlma delete') words='--expected-revision' ;;
    'dlma show') words='' ;;
    'dl create') words='--dlma --name --detail --ukey --udata --number1 --number2 --number3 --number4 --number5 --number6 --number7 --number8 --email --variable --priority --not-before --trycnt1 --trycnt2 --trycnt3 --trycnt4 --trycnt5 --trycnt6 --trycnt7 --trycnt8 --outcome --res-dial --res-dial-detail --res-hangup --res-hangup-detail --request-id' ;;
    'dl update') words='--name --detail --ukey --udata --number1 --number2 --number3 --number4 --number5 --number6 --number7 --number8 --email --variable --priority --not-before --clear --expected-revision' ;;
    'dl delete') words='--expected-revision' ;;
    'dl show') words='--dlma --status --outcome --finished --plan --count --after' ;;
    'dl import') words='--dlma --request-id --format --map --delimiter --refused --duplicates --duplicate-key --dry-run' ;;
    'dl export') words='--dlma --status --outcome --finished --plan --count --after --format --file' ;;
    'destination create') words='--name --detail --type --exten --context --priority --application --data --variable --agent-queue --max-calls --request-id' ;;
    'destination update') words='--name --detail --type --exten --context --priority --application --data --variable --agent-queue --max-calls --clear --expected-revision' ;;
    'destination delete') words='--expected-revision' ;;
    'destination show') words='' ;;
    'dialing show') words='--campaign' ;;
    'dialing summary') words='--campaign' ;;
    'result show') words='--campaign --dlma --dl --outcome --after --from --before --count --with-records' ;;
    'result export') words='--campaign --dlma --dl --outcome --after --from --before --count --with-records --format --file' ;;
    'node show') words='' ;;
    'event follow') words='--after --kind --campaign --heartbeat --until-newest' ;;
    'event export') words='--after --kind --campaign --format --file' ;;
    'backup create') words='' ;;
    'top ') words='--once --interval' ;;
    'completion ') words='bash zsh fish' ;;
  esac
  if [[ -n $values ]]; then words=$values
  elif [[ $cur == -* ]]; then words="$words --server --output --timeout --tls --tls-ca --tls-cert --tls-key --tls-server-name --token-file --help"; fi
  COMPREPLY=($(compgen -W "$words" -- "$cur"))
}
complete -o default -F _outdialctl outdialctl
