using DeployCard.Bench.Common.Processes;
using DeployCard.Bench.Common.Reports;

namespace DeployCard.Bench.Common.Tracing;

/// <summary>Memory of a process in bytes: resident, and what its managed heap holds after a full collection.</summary>
internal sealed record Footprint(long Resident, long Heap)
{
    private const double MiB = 1024 * 1024;

    public static async Task<Footprint> Of(int process, CancellationToken cancellationToken)
    {
        var heap = await ManagedHeap.AfterCollection(process, cancellationToken);
        var footprint = new Footprint(Memory.Resident(process), heap);
        Report.Progress($"  {footprint}");
        return footprint;
    }

    public override string ToString() => $"resident {Resident / MiB:0.0} MiB, managed heap {Heap / MiB:0.0} MiB";
}
