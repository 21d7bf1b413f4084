using GraphQL.Execution;
using ExecutionContext = GraphQL.Execution.ExecutionContext;

namespace DeployCard.GraphQL.Engine.Execution;

/// <summary>Executes mutations: the root fields run one after the other, each with all its subfields.</summary>
internal sealed class SerialRootStrategy(BatchingStrategy inner) : ExecutionStrategy
{
    public override async Task ExecuteNodeTreeAsync(ExecutionContext context, ExecutionNode rootNode)
    {
        foreach (var field in ((ObjectExecutionNode)rootNode).SubFields!)
            await inner.ExecuteNodeTreeAsync(context, field);
    }
}
