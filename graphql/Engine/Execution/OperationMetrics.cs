using System.Diagnostics;
using System.Diagnostics.Metrics;
using GraphQL;
using GraphQLParser.AST;

namespace DeployCard.GraphQL.Engine.Execution;

/// <summary>What operations cost and how many subscriptions are open (meter <c>DeployCard.GraphQL</c>). A client chooses names of operations: they are no labels.</summary>
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
            "Time that an operation took; of a subscription until its events can come.",
            null,
            Buckets
        );
        subscriptions = meter.CreateUpDownCounter<long>(
            "deploycard.graphql.subscriptions",
            "{subscription}",
            "Subscriptions that are open."
        );
    }

    /// <summary>An operation has its result.</summary>
    public void Ran(ExecutionResult result, long started) =>
        duration.Record(
            Stopwatch.GetElapsedTime(started).TotalSeconds,
            new TagList
            {
                { "graphql.operation.type", TypeOf(result) },
                { "deploycard.graphql.outcome", result.Errors is { Count: > 0 } ? "error" : "ok" },
            }
        );

    /// <summary>A subscription begins.</summary>
    public void Opened() => subscriptions.Add(1);

    /// <summary>It is over.</summary>
    public void Closed() => subscriptions.Add(-1);

    private static string TypeOf(ExecutionResult result) =>
        result.Operation?.Operation switch
        {
            OperationType.Query => "query",
            OperationType.Mutation => "mutation",
            OperationType.Subscription => "subscription",
            _ => "none",
        };
}
