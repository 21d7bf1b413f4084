using System.Globalization;
using System.IO.Hashing;
using DeployCard.Contracts.AsyncCalls;
using Orleans.Storage;

namespace DeployCard.Storage.Stores;

/// <summary>
/// Picks the hash that identifies a grain's row. The provider parses a key that looks like a hexadecimal number as that number, so
/// deployments <c>1</c> and <c>01</c> would share a row. Here both hash columns of a row depend on the text of the key. The hash of a call
/// is its time: thousands of calls are accepted and removed in time order, and with a uniform hash each of them would change a different
/// index page.
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
    ) =>
        grainType == CallState && CallId.TryParse(grainId.Key.ToString(), out var id) ? new CallTimeHasher(id) : new KeyTextHasher(grainId);

    private sealed class KeyTextHasher(GrainId grainId) : IHasher
    {
        public string Description => "XxHash32 over the given data and the text of the grain's key";

        public int Hash(byte[] data) => (int)XxHash32.HashToUInt32(grainId.Key.AsSpan(), seed: (int)XxHash32.HashToUInt32(data));
    }

    /// <summary>
    /// Hashes a call by the time in its id. The row also contains the id, so the hash need not be unique and only determines the row's
    /// place. Script 0006 implements the same function in SQL.
    /// </summary>
    private sealed class CallTimeHasher(CallId id) : IHasher
    {
        public string Description => "The time of the call's id, in steps of 256 ms";

        // The first 12 hexadecimal digits of the id are the time in ms. The first two are omitted because they change only every 34 years,
        // the last two because a resolution of 256 ms suffices.
        public int Hash(byte[] data) =>
            (int)uint.Parse(id.Value.AsSpan(2, 8), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);
    }
}
