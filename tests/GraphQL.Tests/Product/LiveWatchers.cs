using Microsoft.Extensions.Diagnostics.Metrics.Testing;

namespace DeployCard.GraphQL.Tests.Product;

/// <summary>Counts the readers of grains' streams.</summary>
internal sealed class LiveWatchers : IDisposable
{
    private readonly MetricCollector<int> _changes = new(null, "DeployCard.Live", "deploycard.live.watchers");

    public int Count => _changes.GetMeasurementSnapshot().Sum(change => change.Value);

    public void Dispose() => _changes.Dispose();
}
