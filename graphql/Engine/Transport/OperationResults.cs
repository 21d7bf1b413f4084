using DeployCard.GraphQL.Engine.Execution;
using GraphQL;
using GraphQLParser.AST;

namespace DeployCard.GraphQL.Engine.Transport;

/// <summary>Reads the results of an operation, whether one or many.</summary>
internal static class OperationResults
{
    /// <summary>Returns the single result, or the results of the subscription as the transport pulls them.</summary>
    public static IAsyncEnumerable<ExecutionResult> ReadAll(ExecutionResult first, CancellationToken cancellationToken) =>
        first.Streams?.Values.SingleOrDefault() is PulledResults subscription ? subscription.Results(cancellationToken) : Once(first);

    /// <summary>Returns whether the operation was not executed: its document was rejected or the subscription could not start.</summary>
    public static bool WasNotExecuted(ExecutionResult first) =>
        first.Streams is null && (!first.Executed || (first.Errors?.Count > 0 && first.Operation?.Operation == OperationType.Subscription));

    private static async IAsyncEnumerable<ExecutionResult> Once(ExecutionResult result)
    {
        await Task.CompletedTask;
        yield return result;
    }
}
