using Microsoft.Extensions.Diagnostics.Metrics.Testing;

namespace DeployCard.GraphQL.Tests.Product;

/// <summary>Counts the subscribers of grain streams by their metric.</summary>
internal sealed class StreamSubscriberCounter : IDisposable
{
    private readonly MetricCollector<int> changes = new(null, "DeployCard.Live", "deploycard.live.subscribers");

    public int Count => changes.GetMeasurementSnapshot().Sum(change => change.Value);

    public void Dispose() => changes.Dispose();
}
