namespace DeployCard.GraphQL.Tests.Schema;

/// <summary>An object with an id that is unique among all objects.</summary>
[InterfaceType]
public interface INode
{
    /// <summary>Opaque id of the object.</summary>
    [ID]
    string Id { get; }
}

/// <summary>An author of books.</summary>
public sealed record Author([property: ID] string Id, string Name, Uri? HomePage) : INode;

/// <summary>Loads authors by id in batches.</summary>
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
