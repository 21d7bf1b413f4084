using System.Diagnostics;
using System.Diagnostics.Metrics;
using GraphQL;
using GraphQLParser.AST;

namespace DeployCard.GraphQL.Engine.Execution;

/// <summary>
/// Metrics of operation durations and open subscriptions (meter <c>DeployCard.GraphQL</c>). Operation names are chosen by clients and are
/// therefore not used as tags.
/// </summary>
internal sealed class OperationMetrics
{
    public const string MeterName = "DeployCard.GraphQL";

    private static readonly InstrumentAdvice<double> Buckets = new()
    {
        HistogramBucketBoundaries = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
    };

    private readonly Histogram<double> duration;
    private readonly UpDownCounter<long> subscriptions;

    public OperationMetrics(IMeterFactory meters)
    {
        var meter = meters.Create(MeterName);
        duration = meter.CreateHistogram(
            "deploycard.graphql.operation.duration",
            "s",
            "Duration of an operation; for a subscription, the time until it is ready to send events.",
            null,
            Buckets
        );
        subscriptions = meter.CreateUpDownCounter<long>(
            "deploycard.graphql.subscriptions",
            "{subscription}",
            "Number of open subscriptions."
        );
    }

    /// <summary>Records the duration and outcome of an operation that has its first result.</summary>
    public void RecordOperation(ExecutionResult result, long started) =>
        duration.Record(
            Stopwatch.GetElapsedTime(started).TotalSeconds,
            new TagList
            {
                { "graphql.operation.type", TypeOf(result) },
                { "deploycard.graphql.outcome", result.Errors is { Count: > 0 } ? "error" : "ok" },
            }
        );

    /// <summary>Records that a subscription was opened.</summary>
    public void SubscriptionOpened() => subscriptions.Add(1);

    /// <summary>Records that a subscription was closed.</summary>
    public void SubscriptionClosed() => subscriptions.Add(-1);

    private static string TypeOf(ExecutionResult result) =>
        result.Operation?.Operation switch
        {
            OperationType.Query => "query",
            OperationType.Mutation => "mutation",
            OperationType.Subscription => "subscription",
            _ => "none",
        };
}
