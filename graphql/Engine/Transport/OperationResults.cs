using DeployCard.GraphQL.Engine.Execution;
using GraphQL;
using GraphQLParser.AST;

namespace DeployCard.GraphQL.Engine.Transport;

/// <summary>What an operation answers, whether once or many times.</summary>
internal static class OperationResults
{
    /// <summary>The one result, or those of the subscription as they are asked for.</summary>
    public static IAsyncEnumerable<ExecutionResult> Of(ExecutionResult first, CancellationToken cancellationToken) =>
        first.Streams?.Values.SingleOrDefault() is PulledResults subscription ? subscription.Results(cancellationToken) : Once(first);

    /// <summary>Nothing was run and nothing will come: the document was refused, or the subscription could not start.</summary>
    public static bool NeverRan(ExecutionResult first) =>
        first.Streams is null && (!first.Executed || (first.Errors?.Count > 0 && first.Operation?.Operation == OperationType.Subscription));

    private static async IAsyncEnumerable<ExecutionResult> Once(ExecutionResult result)
    {
        await Task.CompletedTask;
        yield return result;
    }
}
