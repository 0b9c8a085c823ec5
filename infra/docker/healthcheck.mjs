// Docker's health check: whether this container's service can do its work.
const response = await fetch(`http://127.0.0.1:${process.env.HC_ADMIN_PORT ?? 6380}/readyz`, {
  signal: AbortSignal.timeout(2_500),
}).catch((error) => ({ ok: false, text: () => error.message }));
console.log(await response.text());
process.exitCode = response.ok ? 0 : 1;
