using System.Diagnostics.Tracing;
using System.Threading.Channels;
using Microsoft.Diagnostics.NETCore.Client;
using Microsoft.Diagnostics.Tracing;

namespace DeployCard.Bench.Common.Tracing;

/// <summary>Reads the bytes that a .NET process allocates per second, from the runtime counter <c>alloc-rate</c>.</summary>
internal sealed class AllocationMeter : IAsyncDisposable
{
    private readonly Channel<double> ticks = Channel.CreateUnbounded<double>();
    private TraceSession session = null!;

    private AllocationMeter() { }

    /// <summary>Attaches to a process by its id.</summary>
    public static async Task<AllocationMeter> Attach(int process, CancellationToken cancellationToken)
    {
        var meter = new AllocationMeter();
        var provider = new EventPipeProvider(
            "System.Runtime",
            EventLevel.Informational,
            arguments: new Dictionary<string, string> { ["EventCounterIntervalSec"] = "1" }
        );
        meter.session = await TraceSession.Start(process, provider, source => source.Dynamic.All += meter.RecordCounter, cancellationToken);
        // The first value covers less than a second.
        await meter.Read(1, cancellationToken);
        return meter;
    }

    /// <summary>Returns the bytes allocated in the next seconds, including values received since the last call.</summary>
    public async Task<double> Read(int seconds, CancellationToken cancellationToken)
    {
        var total = 0.0;
        for (var i = 0; i < seconds; i++)
            total += await ticks.Reader.ReadAsync(cancellationToken);
        return total;
    }

    /// <summary>
    /// Returns the bytes allocated from the last reading until at least a second after the end of an action, and the number of seconds.
    /// </summary>
    public async Task<(double Bytes, int Seconds)> ReadDuring(Task action, CancellationToken cancellationToken)
    {
        var (bytes, seconds) = (0.0, 0);
        while (!action.IsCompleted)
            (bytes, seconds) = (bytes + await Read(1, cancellationToken), seconds + 1);
        await action;
        return (bytes + await Read(2, cancellationToken), seconds + 2);
    }

    public ValueTask DisposeAsync() => session.DisposeAsync();

    private void RecordCounter(TraceEvent traced)
    {
        if (
            traced.EventName == "EventCounters"
            && traced.PayloadValue(0) is IDictionary<string, object> { } outer
            && outer["Payload"] is IDictionary<string, object> counter
            && (string)counter["Name"] == "alloc-rate"
        )
            ticks.Writer.TryWrite((double)counter["Increment"]);
    }
}
