namespace DeployCard.Contracts.Runtimes;

/// <summary>The images that deployments of this installation can use.</summary>
public interface IImageCatalog
{
    /// <summary>Returns all images, ordered by name.</summary>
    Task<IReadOnlyList<Image>> List(CancellationToken cancellationToken);

    /// <summary>Returns the image with the given name, or null if it does not exist.</summary>
    Task<Image?> Find(string name, CancellationToken cancellationToken);
}
