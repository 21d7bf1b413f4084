using System.Diagnostics;
using System.Diagnostics.Metrics;
using DeployCard.Common.Telemetry;
using DeployCard.Contracts.Storage;

namespace DeployCard.Storage.Sql;

/// <summary>Measures the duration and failures of grain storage operations (meter <c>DeployCard.Storage</c>).</summary>
internal sealed class StorageMetrics(IMeterFactory meters)
{
    public const string MeterName = "DeployCard.Storage";

    private readonly Histogram<double> duration = meters
        .Create(MeterName)
        .CreateHistogram(
            "deploycard.storage.operation.duration",
            "s",
            "Duration of reading, writing or clearing the state of a grain.",
            null,
            HistogramBuckets.InternalDurations
        );

    /// <summary>Runs an operation and records its duration and, if it throws, the kind of error.</summary>
    public async Task Measure(string operation, Func<Task> action)
    {
        var started = Stopwatch.GetTimestamp();
        string? error = null;
        try
        {
            await action();
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
