using DeployCard.GraphQL.Engine.DataLoading;
using DeployCard.GraphQL.Engine.Schemas;
using GraphQL.Execution;
using GraphQL.Types;
using Microsoft.Extensions.DependencyInjection;
using ExecutionContext = GraphQL.Execution.ExecutionContext;

namespace DeployCard.GraphQL.Engine.Execution;

/// <summary>
/// Runs a tree of fields breadth first and dispatches what loaders hold when no field can go on without it.
/// (The library's own strategies know only its own kind of loader, and would wait for ours for ever.)
/// </summary>
internal sealed class BatchingStrategy : ExecutionStrategy
{
    public override async Task ExecuteNodeTreeAsync(ExecutionContext context, ExecutionNode rootNode)
    {
        var ready = new Queue<ExecutionNode>();
        var started = new List<(ExecutionNode Node, Task Task)>();
        ready.Enqueue(rootNode);
        while (ready.Count > 0)
        {
            StartAll(context, ready, started);
            if (started.Count == 0)
                return;
            await Finish(context, Task.WhenAll(started.Select(running => running.Task)));
            foreach (var (node, _) in started)
                EnqueueChildren(node, ready);
            started.Clear();
        }
    }

    /// <summary>Reading a property is by far the commonest field, and needs neither a context nor a task.</summary>
    protected override Task ExecuteNodeAsync(ExecutionContext context, ExecutionNode node) =>
        TryReadProperty(node) ? Task.CompletedTask : base.ExecuteNodeAsync(context, node);

    private void StartAll(ExecutionContext context, Queue<ExecutionNode> ready, List<(ExecutionNode, Task)> started)
    {
        while (ready.TryDequeue(out var node))
        {
            context.CancellationToken.ThrowIfCancellationRequested();
            var task = ExecuteNodeAsync(context, node);
            if (task.IsCompletedSuccessfully)
                EnqueueChildren(node, ready);
            else
                started.Add((node, task));
        }
    }

    private static async Task Finish(ExecutionContext context, Task all)
    {
        if (!all.IsCompleted)
        {
            var loaders = context.RequestServices!.GetRequiredService<BatchScheduler>();
            while (!all.IsCompleted)
            {
                if (loaders.Dispatch())
                    continue;
                await Task.WhenAny(all, loaders.WhenPending);
                if (!all.IsCompleted)
                    await Task.Yield(); // let fields that woke together ask together
            }
        }
        await all;
    }

    private static void EnqueueChildren(ExecutionNode node, Queue<ExecutionNode> ready)
    {
        if (node is IParentExecutionNode parent)
            parent.ApplyToChildren(static (child, queue) => queue.Enqueue(child), ready);
    }

    private static bool TryReadProperty(ExecutionNode node)
    {
        if (node is not ValueExecutionNode leaf || node.Parent is ArrayExecutionNode)
            return false;
        if (node.FieldDefinition.Resolver is not PropertyResolver property)
            return false;
        try
        {
            var value = property.Read(node.Source!);
            node.Result = value is null ? null : leaf.GraphType.Serialize(value);
            if (node.Result is not null || node.FieldDefinition.ResolvedType is not NonNullGraphType)
                return true;
        }
        catch (Exception)
        {
            // The slow way meets the same failure, and reports it with its path.
        }
        node.Result = null;
        return false;
    }
}
