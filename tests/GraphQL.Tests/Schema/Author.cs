namespace DeployCard.GraphQL.Tests.Schema;

/// <summary>Has an id that is unique among all things.</summary>
[InterfaceType]
public interface INode
{
    /// <summary>Opaque.</summary>
    [ID]
    string Id { get; }
}

/// <summary>Who writes books.</summary>
public sealed record Author([property: ID] string Id, string Name, Uri? HomePage) : INode;

/// <summary>Loads authors by their ids.</summary>
public sealed class AuthorByIdDataLoader(IBatchScheduler batchScheduler, Batches batches) : BatchDataLoader<string, Author>(batchScheduler)
{
    protected override async Task<IReadOnlyDictionary<string, Author>> LoadBatchAsync(
        IReadOnlyList<string> keys,
        CancellationToken cancellationToken
    )
    {
        batches.Loaded.Enqueue(keys);
        await Task.Yield();
        return keys.Where(key => key != "nobody")
            .ToDictionary(key => key, key => new Author(key, "Author " + key, new($"https://example.test/{key}")));
    }
}
