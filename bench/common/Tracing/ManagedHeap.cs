using System.Diagnostics.Tracing;
using Microsoft.Diagnostics.NETCore.Client;
using Microsoft.Diagnostics.Tracing.Parsers;

namespace DeployCard.Bench.Common.Tracing;

/// <summary>Managed heap of another .NET process, read through its diagnostics port.</summary>
internal static class ManagedHeap
{
    private static readonly TimeSpan CollectionTimeout = TimeSpan.FromSeconds(60);

    /// <summary>
    /// Triggers a full collection and returns the size of the heap after it, in bytes. Throws after 60 s without a result.
    /// </summary>
    public static async Task<long> GetSizeAfterCollection(int process, CancellationToken cancellationToken)
    {
        var size = new TaskCompletionSource<long>(TaskCreationOptions.RunContinuationsAsynchronously);
        // Enabling the second keyword triggers a full collection.
        const ClrTraceEventParser.Keywords Keywords = ClrTraceEventParser.Keywords.GC | ClrTraceEventParser.Keywords.GCHeapCollect;
        var provider = new EventPipeProvider("Microsoft-Windows-DotNETRuntime", EventLevel.Informational, (long)Keywords);
        await using var session = await TraceSession.Start(
            process,
            provider,
            source => source.Clr.GCHeapStats += stats => size.TrySetResult(stats.TotalHeapSize),
            cancellationToken
        );
        return await size.Task.WaitAsync(CollectionTimeout, cancellationToken);
    }
}
