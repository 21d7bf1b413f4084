using DeployCard.Bench.Common.Processes;
using DeployCard.Bench.Common.Reports;

namespace DeployCard.Bench.Common.Tracing;

/// <summary>Memory of a .NET process.</summary>
/// <param name="Resident">Resident memory after a full collection, in bytes.</param>
/// <param name="Heap">Size of the managed heap after a full collection, in bytes.</param>
internal sealed record Footprint(long Resident, long Heap)
{
    private const double MiB = 1024 * 1024;

    /// <summary>Collects the garbage of a process, measures its memory and reports both numbers as progress.</summary>
    public static async Task<Footprint> Measure(int process, CancellationToken cancellationToken)
    {
        var heap = await ManagedHeap.GetSizeAfterCollection(process, cancellationToken);
        var footprint = new Footprint(ProcessMemory.GetResident(process), heap);
        Report.WriteProgress($"  {footprint}");
        return footprint;
    }

    public override string ToString() => $"resident {Resident / MiB:0.0} MiB, managed heap {Heap / MiB:0.0} MiB";
}
