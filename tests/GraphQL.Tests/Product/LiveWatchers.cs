using Microsoft.Extensions.Diagnostics.Metrics.Testing;

namespace DeployCard.GraphQL.Tests.Product;

/// <summary>Counts the readers of grains' streams.</summary>
internal sealed class LiveWatchers : IDisposable
{
    private readonly MetricCollector<int> changes = new(null, "DeployCard.Live", "deploycard.live.watchers");

    public int Count => changes.GetMeasurementSnapshot().Sum(change => change.Value);

    public void Dispose() => changes.Dispose();
}
