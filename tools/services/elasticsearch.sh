#!/usr/bin/env bash
# elasticsearch.sh PORT DIR [HEAP=512m]: a real Elasticsearch 8.19 node in the foreground on 127.0.0.1, data in DIR; stop it by
# its process id. For tests and development only: security is off. Needs mvn and a full JDK 17. The first start fetches the
# distribution (about a minute) into $SERVICES_CACHE, the next ones take about 15 seconds.
#
# The distribution that Maven has lacks some modules. elasticsearch-plugin/ restores what our search uses: the `/` endpoint,
# stemming, folding, edge n-grams, html_strip and the `english` analyzer. Painless (script_score), _reindex, _update_by_query and
# _delete_by_query stay missing, so queries that need none of them run on this node and on a full one alike.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
port=${1:?port} heap=${3:-512m} version=8.19.21
mkdir -p "${2:?dir}"
dir=$(cd "$2" && pwd)
cache=${SERVICES_CACHE:-/var/tmp/broadsheet-services}/elasticsearch
home=$cache/elasticsearch-$version
plugin=$home/plugins/dev-analysis
export ES_JAVA_HOME=${ES_JAVA_HOME:-$(dirname "$(dirname "$(readlink -f "$(command -v javac)")")")}

fetch_distribution() {
  mkdir -p "$cache"
  mvn -q -B -ntp org.apache.maven.plugins:maven-dependency-plugin:3.6.1:copy \
    "-Dartifact=org.elasticsearch.distribution.integ-test-zip:elasticsearch:$version:zip" "-DoutputDirectory=$cache" >&2
  (cd "$cache" && rm -rf "elasticsearch-$version" && python3 -m zipfile -e "elasticsearch-$version.zip" .)
  # zipfile drops the executable bits.
  chmod -R u+x "$home/bin"
  find "$home" -name 'java*' -path '*bin*' -exec chmod +x {} +
}

build_plugin() {
  local build
  build=$(mktemp -d)
  "$ES_JAVA_HOME/bin/javac" -nowarn -d "$build/out" -cp "$home/lib/*" "$here/elasticsearch-plugin/DevPlugin.java" >&2
  mkdir -p "$plugin"
  "$ES_JAVA_HOME/bin/jar" cf "$plugin/dev-analysis.jar" -C "$build/out" dev
  rm -rf "$build"
  # Written last: its presence says that the cache is complete, so an interrupted first start is done again.
  printf 'description=dev\nversion=1\nname=dev-analysis\nclassname=dev.DevPlugin\njava.version=17\nelasticsearch.version=%s\n' \
    "$version" > "$plugin/plugin-descriptor.properties"
}

write_config() {
  mkdir -p "$dir"/{data,logs,config,tmp}
  if [ ! -f "$dir/config/jvm.options" ]; then
    cp -r "$home/config/." "$dir/config/"
    sed -i -e 's/-XX:+UseG1GC/-XX:+UseSerialGC/' -e '/^-Xlog:gc/d' -e '/HeapDumpOnOutOfMemory/d' "$dir/config/jvm.options"
  fi
  cat > "$dir/config/elasticsearch.yml" <<Y
cluster.name: dev
node.name: n1
path.data: $dir/data
path.logs: $dir/logs
network.host: 127.0.0.1
http.port: $port
transport.port: $((port + 100))
discovery.type: single-node
xpack.security.enabled: false
cluster.routing.allocation.disk.threshold_enabled: false
Y
}

if [ ! -f "$plugin/plugin-descriptor.properties" ]; then
  fetch_distribution
  build_plugin
fi
write_config
export ES_PATH_CONF=$dir/config ES_TMPDIR=$dir/tmp ES_JAVA_OPTS="-Xms$heap -Xmx$heap -XX:TieredStopAtLevel=1"
run=()
if [ "$(id -u)" = 0 ]; then # Elasticsearch refuses root
  chown -R 65534:65534 "$dir" "$home"
  export HOME=$dir
  run=(setpriv --reuid=65534 --regid=65534 --clear-groups)
fi
exec "${run[@]}" "$home/bin/elasticsearch"
