using System.IO.Hashing;
using Orleans.Storage;

namespace DeployCard.Grains.Storage;

/// <summary>
/// Gives each grain a row of its own. The provider takes a key that looks like a hexadecimal number for that number, and so the deployments
/// <c>1</c> and <c>01</c> would share a row; here both hash columns of a row depend on the key's text.
/// </summary>
internal sealed class GrainKeyHasher : IStorageHasherPicker
{
    /// <inheritdoc/>
    public ICollection<IHasher> HashProviders => [];

    /// <inheritdoc/>
    public IHasher PickHasher<T>(
        string serviceId, string storageProviderInstanceName, string grainType, GrainId grainId, IGrainState<T> grainState, string? tag = null) =>
        new Hasher(grainId);

    private sealed class Hasher(GrainId grainId) : IHasher
    {
        public string Description => "XxHash32 over what is given and the text of the grain's key";

        public int Hash(byte[] data) => (int)XxHash32.HashToUInt32(grainId.Key.AsSpan(), seed: (int)XxHash32.HashToUInt32(data));
    }
}
