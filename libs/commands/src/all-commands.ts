import type { Command } from './command.js';
import { asking } from './cluster/asking.js';
import { clusterDrain } from './cluster/cluster-drain.js';
import { clusterEpoch } from './cluster/cluster-epoch.js';
import { clusterEvents } from './cluster/cluster-events.js';
import { clusterFailover } from './cluster/cluster-failover.js';
import { clusterForget } from './cluster/cluster-forget.js';
import { clusterHelp } from './cluster/cluster-help.js';
import { clusterInfo } from './cluster/cluster-info.js';
import { clusterKeyslot } from './cluster/cluster-keyslot.js';
import { clusterLeader } from './cluster/cluster-leader.js';
import { clusterMoves } from './cluster/cluster-moves.js';
import { clusterMyid } from './cluster/cluster-myid.js';
import { clusterNodes } from './cluster/cluster-nodes.js';
import { clusterRebalance } from './cluster/cluster-rebalance.js';
import { clusterRing } from './cluster/cluster-ring.js';
import { clusterShards } from './cluster/cluster-shards.js';
import { clusterSlots } from './cluster/cluster-slots.js';
import { cluster } from './cluster/cluster.js';
import { readonly } from './cluster/readonly.js';
import { readwrite } from './cluster/readwrite.js';
import { auth } from './connection/auth.js';
import { clientGetname } from './connection/client-getname.js';
import { clientHelp } from './connection/client-help.js';
import { clientId } from './connection/client-id.js';
import { clientInfo } from './connection/client-info.js';
import { clientKill } from './connection/client-kill.js';
import { clientList } from './connection/client-list.js';
import { clientNoEvict } from './connection/client-no-evict.js';
import { clientNoTouch } from './connection/client-no-touch.js';
import { clientReply } from './connection/client-reply.js';
import { clientSetinfo } from './connection/client-setinfo.js';
import { clientSetname } from './connection/client-setname.js';
import { client } from './connection/client.js';
import { echo } from './connection/echo.js';
import { hello } from './connection/hello.js';
import { ping } from './connection/ping.js';
import { quit } from './connection/quit.js';
import { reset } from './connection/reset.js';
import { select } from './connection/select.js';
import { copy } from './generic/copy.js';
import { del } from './generic/del.js';
import { exists } from './generic/exists.js';
import { expire } from './generic/expire.js';
import { expireat } from './generic/expireat.js';
import { expiretime } from './generic/expiretime.js';
import { keys } from './generic/keys.js';
import { persist } from './generic/persist.js';
import { pexpire } from './generic/pexpire.js';
import { pexpireat } from './generic/pexpireat.js';
import { pexpiretime } from './generic/pexpiretime.js';
import { pttl } from './generic/pttl.js';
import { randomkey } from './generic/randomkey.js';
import { rename } from './generic/rename.js';
import { renamenx } from './generic/renamenx.js';
import { scan } from './generic/scan.js';
import { touch } from './generic/touch.js';
import { ttl } from './generic/ttl.js';
import { type } from './generic/type.js';
import { unlink } from './generic/unlink.js';
import { clusterOverview } from './hypercache/cluster-overview.js';
import { hcDel } from './hypercache/hc-del.js';
import { hcFiltercopy } from './hypercache/hc-filtercopy.js';
import { hcGet } from './hypercache/hc-get.js';
import { hcResetstat } from './hypercache/hc-resetstat.js';
import { hentry } from './hypercache/hentry.js';
import { hcSet } from './hypercache/hc-set.js';
import { hcStorereport } from './hypercache/hc-storereport.js';
import { hfilter } from './hypercache/hfilter.js';
import { hgetFilter } from './hypercache/hget-filter.js';
import { hsetFilter } from './hypercache/hset-filter.js';
import { hstats } from './hypercache/hstats.js';
import { commandCount } from './server/command-count.js';
import { commandDocs } from './server/command-docs.js';
import { commandGetkeys } from './server/command-getkeys.js';
import { commandHelp } from './server/command-help.js';
import { commandInfo } from './server/command-info.js';
import { commandList } from './server/command-list.js';
import { command } from './server/command.js';
import { configGet } from './server/config-get.js';
import { configHelp } from './server/config-help.js';
import { configResetstat } from './server/config-resetstat.js';
import { configRewrite } from './server/config-rewrite.js';
import { configSet } from './server/config-set.js';
import { config } from './server/config.js';
import { dbsize } from './server/dbsize.js';
import { flushall } from './server/flushall.js';
import { flushdb } from './server/flushdb.js';
import { info } from './server/info.js';
import { time } from './server/time.js';
import { storeAlter } from './store/store-alter.js';
import { storeCreate } from './store/store-create.js';
import { storeDrop } from './store/store-drop.js';
import { storeHelp } from './store/store-help.js';
import { storeInfo } from './store/store-info.js';
import { storeList } from './store/store-list.js';
import { storePolicies } from './store/store-policies.js';
import { store } from './store/store.js';
import { append } from './string/append.js';
import { decr } from './string/decr.js';
import { decrby } from './string/decrby.js';
import { get } from './string/get.js';
import { getdel } from './string/getdel.js';
import { getex } from './string/getex.js';
import { getrange } from './string/getrange.js';
import { getset } from './string/getset.js';
import { incr } from './string/incr.js';
import { incrby } from './string/incrby.js';
import { incrbyfloat } from './string/incrbyfloat.js';
import { mget } from './string/mget.js';
import { mset } from './string/mset.js';
import { msetnx } from './string/msetnx.js';
import { psetex } from './string/psetex.js';
import { set } from './string/set.js';
import { setex } from './string/setex.js';
import { setnx } from './string/setnx.js';
import { setrange } from './string/setrange.js';
import { strlen } from './string/strlen.js';
import { substr } from './string/substr.js';

/**
 * Every command, in the order of the ids. A new command is one file and one line here; ids are explicit in the rows,
 * grouped by hundreds with gaps: connection 1, server 100, cluster 200, string 300, generic 400, hypercache 900,
 * stores 910.
 */
export const ALL_COMMANDS: readonly Command[] = [
  ping,
  echo,
  hello,
  auth,
  select,
  quit,
  reset,
  client,
  clientId,
  clientSetname,
  clientGetname,
  clientSetinfo,
  clientList,
  clientInfo,
  clientKill,
  clientNoEvict,
  clientNoTouch,
  clientReply,
  clientHelp,
  command,
  commandCount,
  commandDocs,
  commandInfo,
  commandList,
  commandGetkeys,
  commandHelp,
  info,
  config,
  configGet,
  configSet,
  configResetstat,
  configRewrite,
  configHelp,
  time,
  dbsize,
  flushdb,
  flushall,
  cluster,
  clusterInfo,
  clusterKeyslot,
  clusterSlots,
  clusterShards,
  clusterRing,
  clusterNodes,
  clusterMyid,
  clusterDrain,
  clusterForget,
  clusterFailover,
  clusterRebalance,
  clusterMoves,
  clusterEvents,
  clusterLeader,
  clusterEpoch,
  clusterHelp,
  readonly,
  readwrite,
  asking,
  get,
  set,
  getex,
  getdel,
  getset,
  setnx,
  setex,
  psetex,
  mget,
  mset,
  msetnx,
  append,
  strlen,
  getrange,
  substr,
  setrange,
  incr,
  decr,
  incrby,
  decrby,
  incrbyfloat,
  del,
  unlink,
  exists,
  touch,
  type,
  expire,
  pexpire,
  expireat,
  pexpireat,
  ttl,
  pttl,
  expiretime,
  pexpiretime,
  persist,
  rename,
  renamenx,
  copy,
  randomkey,
  keys,
  scan,
  hcGet,
  hentry,
  hcSet,
  hcDel,
  store,
  storeCreate,
  storeAlter,
  storeDrop,
  storeList,
  storeInfo,
  storePolicies,
  storeHelp,
  hstats,
  clusterOverview,
  hfilter,
  hgetFilter,
  hsetFilter,
  hcStorereport,
  hcResetstat,
  hcFiltercopy,
];
