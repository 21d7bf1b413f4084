using System.Reflection;

namespace DeployCard.GraphQL.Engine.Schemas;

/// <summary>Types that the given assemblies contribute to the schema, in a stable order.</summary>
internal sealed class ResolverCatalog(IEnumerable<Assembly> assemblies)
{
    private readonly Type[] types =
    [
        .. assemblies.Distinct().SelectMany(assembly => assembly.GetTypes()).OrderBy(type => type.FullName, StringComparer.Ordinal),
    ];

    public IReadOnlyList<Type> Queries => Marked<QueryTypeAttribute>();

    public IReadOnlyList<Type> Mutations => Marked<MutationTypeAttribute>();

    public IReadOnlyList<Type> Subscriptions => Marked<SubscriptionTypeAttribute>();

    /// <summary>Resolver classes that are not static and need an instance.</summary>
    public IEnumerable<Type> Instances => types.Where(type => IsResolver(type) && !type.IsAbstract);

    /// <summary>Object types that implement an interface of the schema; clients can receive them although no field names them.</summary>
    public IEnumerable<Type> Implementers =>
        types.Where(type =>
            type is { IsClass: true, IsAbstract: false, IsGenericType: false } && SchemaInterfaces.ImplementedBy(type).Any()
        );

    /// <summary>Data loader types; the engine registers them, so that features need not.</summary>
    public IEnumerable<Type> Loaders => types.Where(type => type is { IsAbstract: false, IsGenericType: false } && IsLoader(type));

    public static bool IsResolver(Type type) =>
        type.IsDefined(typeof(QueryTypeAttribute), inherit: false)
        || type.IsDefined(typeof(MutationTypeAttribute), inherit: false)
        || type.IsDefined(typeof(SubscriptionTypeAttribute), inherit: false);

    private static bool IsLoader(Type type)
    {
        for (var above = type.BaseType; above is not null; above = above.BaseType)
            if (above.IsGenericType && above.GetGenericTypeDefinition() == typeof(BatchDataLoader<,>))
                return true;
        return false;
    }

    private Type[] Marked<TAttribute>()
        where TAttribute : Attribute => Array.FindAll(types, type => type.IsDefined(typeof(TAttribute), inherit: false));
}
