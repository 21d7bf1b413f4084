using System.Diagnostics.Tracing;
using Microsoft.Diagnostics.NETCore.Client;
using Microsoft.Diagnostics.Tracing.Parsers;

namespace DeployCard.Bench.Common.Tracing;

/// <summary>What a .NET process holds on to: its heap after a full collection, which is asked for through its diagnostics port.</summary>
internal static class ManagedHeap
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    /// <summary>In bytes.</summary>
    public static async Task<long> AfterCollection(int process, CancellationToken cancellationToken)
    {
        var size = new TaskCompletionSource<long>(TaskCreationOptions.RunContinuationsAsynchronously);
        // The second keyword begins a collection as soon as somebody listens.
        const ClrTraceEventParser.Keywords Wanted = ClrTraceEventParser.Keywords.GC | ClrTraceEventParser.Keywords.GCHeapCollect;
        var provider = new EventPipeProvider("Microsoft-Windows-DotNETRuntime", EventLevel.Informational, (long)Wanted);
        await using var session = await TraceSession.Start(
            process,
            provider,
            source => source.Clr.GCHeapStats += stats => size.TrySetResult(stats.TotalHeapSize),
            cancellationToken
        );
        return await size.Task.WaitAsync(Patience, cancellationToken);
    }
}
