using System.Text.Json;
using DeployCard.GraphQL.Engine.Scalars;
using GraphQL.Types;
using Microsoft.Extensions.DependencyInjection;

namespace DeployCard.GraphQL.Engine.Schemas;

/// <summary>The schema: the fields of all resolver classes under their roots.</summary>
internal sealed class ProductSchema : Schema
{
    private readonly IServiceProviderIsService services;

    public ProductSchema(IServiceProvider provider, IServiceProviderIsService services, ResolverCatalog catalog)
        : base(provider)
    {
        this.services = services;
        Features.DeprecationOfInputValues = true;
        Features.RepeatableDirectives = true;
        RegisterTypeMapping(typeof(long), typeof(LongScalar));
        RegisterTypeMapping(typeof(DateTimeOffset), typeof(DateTimeScalar));
        RegisterTypeMapping(typeof(TimeSpan), typeof(DurationScalar));
        RegisterTypeMapping(typeof(Uri), typeof(UriScalar));
        RegisterTypeMapping(typeof(JsonElement), typeof(AnyScalar));
        Query = Merge("Query", "What can be read.", catalog.Queries) ?? throw NoQuery();
        Mutation = Merge("Mutation", "What can be changed; of several in one operation each waits for the one before.", catalog.Mutations);
        Subscription = Merge("Subscription", "What can be watched.", catalog.Subscriptions);
        foreach (var type in catalog.Implementers)
            RegisterType(typeof(OutputType<>).MakeGenericType(type));
    }

    private ObjectGraphType? Merge(string name, string description, IReadOnlyList<Type> resolvers)
    {
        if (resolvers.Count == 0)
            return null;
        var root = new ObjectGraphType { Name = name, Description = description };
        foreach (var (field, resolver) in resolvers.SelectMany(resolver => FieldsOf(resolver), (resolver, field) => (field, resolver)))
            Add(root, field, resolver);
        return root;
    }

    private TypeFields FieldsOf(Type resolver) =>
        ((IObjectGraphType)Activator.CreateInstance(typeof(ResolverType<>).MakeGenericType(resolver), services)!).Fields;

    private static void Add(ObjectGraphType root, FieldType field, Type resolver)
    {
        if (root.HasField(field.Name))
            throw new InvalidOperationException(
                $"{resolver.FullName} adds the field {field.Name} to {root.Name}, where it is already: rename one of the two."
            );
        root.AddField(field);
    }

    private static InvalidOperationException NoQuery() =>
        new("The schema has no query: mark a class with [QueryType], and give its assembly to AddDeployCardGraphQL.");
}
