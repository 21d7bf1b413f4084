using System.Globalization;
using System.IO.Hashing;
using DeployCard.Grains.AsyncCalls;
using Orleans.Storage;

namespace DeployCard.Grains.Storage;

/// <summary>
/// Gives each grain a row of its own. The provider takes a key that looks like a hexadecimal number for that number, and so the deployments
/// <c>1</c> and <c>01</c> would share a row; here both hash columns of a row depend on the key's text. Calls stand in the order of time: they
/// are accepted and removed in that order by the thousand, and each would otherwise change a page of its own in the table's key.
/// </summary>
internal sealed class GrainKeyHasher : IStorageHasherPicker
{
    private const string CallState = "asyncCall";

    /// <inheritdoc/>
    public ICollection<IHasher> HashProviders => [];

    /// <inheritdoc/>
    public IHasher PickHasher<T>(
        string serviceId,
        string storageProviderInstanceName,
        string grainType,
        GrainId grainId,
        IGrainState<T> grainState,
        string? tag = null
    ) => grainType == CallState && CallId.TryParse(grainId.Key.ToString(), out var id) ? new Moment(id) : new Hasher(grainId);

    private sealed class Hasher(GrainId grainId) : IHasher
    {
        public string Description => "XxHash32 over what is given and the text of the grain's key";

        public int Hash(byte[] data) => (int)XxHash32.HashToUInt32(grainId.Key.AsSpan(), seed: (int)XxHash32.HashToUInt32(data));
    }

    /// <summary>The id tells its call apart; the hash has only to say where it lies. The script 0006 says the same in SQL.</summary>
    private sealed class Moment(CallId id) : IHasher
    {
        public string Description => "The time of the call's id, in steps of 256 ms";

        // The first twelve digits are the time in ms: without the last two, and without the first two, which stay the same for 34 years.
        public int Hash(byte[] data) =>
            (int)uint.Parse(id.Value.AsSpan(2, 8), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);
    }
}
