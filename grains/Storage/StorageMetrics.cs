using System.Diagnostics;
using System.Diagnostics.Metrics;
using DeployCard.Grains.Telemetry;

namespace DeployCard.Grains.Storage;

/// <summary>How long the storage of grains' state takes and how often it fails (meter <c>DeployCard.Storage</c>), by operation.</summary>
internal sealed class StorageMetrics(IMeterFactory meters)
{
    public const string MeterName = "DeployCard.Storage";

    private readonly Histogram<double> duration = meters
        .Create(MeterName)
        .CreateHistogram(
            "deploycard.storage.operation.duration",
            "s",
            "Time that reading, writing or clearing the state of a grain took.",
            null,
            Buckets.Inner
        );

    /// <summary>Does it, and measures it.</summary>
    public async Task Measure(string operation, Func<Task> act)
    {
        var started = Stopwatch.GetTimestamp();
        string? error = null;
        try
        {
            await act();
        }
        catch (Exception e)
        {
            error = StorageException.IsCauseOf(e) ? "storage" : e.GetType().Name;
            throw;
        }
        finally
        {
            var tags = new TagList { { "deploycard.storage.operation", operation } };
            if (error is not null)
                tags.Add("error.type", error);
            duration.Record(Stopwatch.GetElapsedTime(started).TotalSeconds, tags);
        }
    }
}
