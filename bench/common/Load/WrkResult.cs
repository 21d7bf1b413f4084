namespace DeployCard.Bench.Common.Load;

/// <summary>What one run of wrk counted. Latencies in microseconds.</summary>
internal sealed record WrkResult(long Requests, long Microseconds, long P50, long P99, long StatusErrors, long SocketErrors, long Timeouts)
{
    public double RequestsPerSecond => Requests * 1e6 / Microseconds;

    public long Errors => StatusErrors + SocketErrors + Timeouts;

    public override string ToString() =>
        $"{RequestsPerSecond:N0} requests/s, p50 {P50} µs, p99 {P99} µs"
        + (Errors == 0 ? "" : $"  ERRORS: {StatusErrors} by status, {SocketErrors} at sockets, {Timeouts} time-outs");
}
