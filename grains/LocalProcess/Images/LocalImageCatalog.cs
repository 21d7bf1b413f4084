using DeployCard.Contracts.Runtimes;

namespace DeployCard.LocalProcess.Images;

/// <summary>Catalog of the images in the configured folders. An unusable image is listed with the reason.</summary>
internal sealed class LocalImageCatalog(ImageFolders folders, ImageCheck check) : IImageCatalog
{
    public async Task<IReadOnlyList<Image>> List(CancellationToken cancellationToken) =>
        await Task.WhenAll(folders.List().Select(image => Describe(image, cancellationToken)));

    public async Task<Image?> Find(string name, CancellationToken cancellationToken) =>
        folders.Find(name) is { } image ? await Describe(image, cancellationToken) : null;

    private async Task<Image> Describe(LocalImage image, CancellationToken cancellationToken)
    {
        var problem = await check.FindProblem(image, cancellationToken);
        return new(
            image.Name,
            image.Manifest?.Description ?? "",
            problem,
            image.Problem is null ? image.ReadReadme() : null,
            (image.Manifest?.Defaults ?? ImageDefaults.None).Configuration,
            image.Manifest?.Examples ?? []
        );
    }
}
