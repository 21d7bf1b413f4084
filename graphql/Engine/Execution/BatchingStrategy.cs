using DeployCard.GraphQL.Engine.DataLoading;
using GraphQL.Execution;
using GraphQL.Types;
using Microsoft.Extensions.DependencyInjection;
using ExecutionContext = GraphQL.Execution.ExecutionContext;

namespace DeployCard.GraphQL.Engine.Execution;

/// <summary>
/// Executes the fields of an operation breadth first and dispatches the pending batches of data loaders when no field can continue without
/// them. The library's own strategies dispatch only the library's kind of loader and would wait for other loaders indefinitely.
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

    /// <summary>Executes a field; reading a property, by far the most common field, needs neither a context nor a task.</summary>
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
                    await Task.Yield(); // lets fields that resumed together request their keys in one batch
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
            // The regular execution hits the same failure and reports it with its path.
        }
        node.Result = null;
        return false;
    }
}
